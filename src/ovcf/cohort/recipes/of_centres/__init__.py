"""The parts of the validation in several centres."""
