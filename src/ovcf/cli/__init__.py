"""The command line: one thin file per command group, no clinical logic."""


def main() -> None:
    """Run the command line."""
