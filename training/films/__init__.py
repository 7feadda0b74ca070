"""Lateral radiographs of digital patients, and real anatomy shown as films."""
