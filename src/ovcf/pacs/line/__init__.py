"""The line from an archive and back: a study is taken, its patient known, its results made, sent and answered for."""
