"""Commands about language models: gateways, money, evaluations, what is being played."""
