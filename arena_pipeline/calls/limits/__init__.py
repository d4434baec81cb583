"""What keeps calls within a gateway's limits, with any number of processes.

`pacing` (how fast), `allowance` (how many free ones a day) and `breaker` (whether at all) decide
and know no store; `limits` asks them and keeps what they say, `rows` reads and writes it, `states`
tells people. Money is in `calls.spending`.
"""

from arena_pipeline.calls.limits.limits import Limits
from arena_pipeline.calls.limits.states import GatewayState, gateway_states, reset

__all__ = ["GatewayState", "Limits", "gateway_states", "reset"]
