"""Assessments as tables with typed columns that follow from the declarations of measurements and scores."""
