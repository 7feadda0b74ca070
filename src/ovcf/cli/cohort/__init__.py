"""``ovcf cohort``: tables of patients, their mapping and their answers."""
