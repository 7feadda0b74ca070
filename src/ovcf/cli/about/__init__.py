"""What ovcf says of itself: measurements, engines, evidence, file formats."""
