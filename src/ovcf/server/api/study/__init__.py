"""Studies in the service: conduct, blinded readings, judgements, data."""

from ovcf.server.api.study import consensus, data, judging, queries, rounds, screening, studies

ROUTERS = (
    studies.router,
    screening.router,
    queries.router,
    rounds.mine_router,
    rounds.router,
    consensus.router,
    judging.router,
    data.router,
)
"""The parts of the API, in the order of its description."""
