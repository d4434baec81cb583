"""Money for calls: what is set aside before a call, what it came to, what is left of which budget.

- `accounts` are the rows of `spend`, locked and written back; `caps` says how high they may go;
- `reserving`, `settling`: before and after a call, within the transaction of `calls.clerk`;
- `losing` settles calls whose process died; `answers` finds what was answered already;
- `outside` is for calls that belong to no match; `budgets` tells what is left.

All sums are exact: integers of 1e-12 USD in the store, Decimal here.
"""
