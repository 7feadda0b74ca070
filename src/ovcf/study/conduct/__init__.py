"""Conduct at a site: screening, enrolment, forms, queries, the flow of patients."""
