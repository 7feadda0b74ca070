"""The registry in and out: as tables for REDCap and others, as a data set for statistics, and simulated."""
