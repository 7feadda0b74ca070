"""One file per published score: findings in, a ScoreResult out. Pure."""
