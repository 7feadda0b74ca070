"""What keeps a registry: backups, the ledger of erasures, locks of studies."""
