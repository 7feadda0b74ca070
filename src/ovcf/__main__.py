"""``python -m ovcf``."""

from ovcf.cli import main

main()
