"""What a clinic does with the registry: studies arrive, get a patient and are read. Every surface calls these."""
