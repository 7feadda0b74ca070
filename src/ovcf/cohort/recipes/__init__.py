"""The designs of four studies, each on data of your own: a data frame in, every table and figure of the study out."""
