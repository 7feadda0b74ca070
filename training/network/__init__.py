"""The network: training it, exporting it, and the digests of the files shipped."""
