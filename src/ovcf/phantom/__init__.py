"""Digital patients with known truth. They are never presented as patients."""
