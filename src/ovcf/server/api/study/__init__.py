"""Studies in the service: conduct, blinded readings, judgements, data."""

from ovcf.server.api.study import consensus, rounds, studies

ROUTERS = (studies.router, rounds.mine_router, rounds.router, consensus.router)
"""The parts of the API, in the order of its description."""
