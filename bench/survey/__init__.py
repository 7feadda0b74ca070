"""NHANES 2013-2014: landmarks, heights and grades against the survey's readers; the shape model."""
