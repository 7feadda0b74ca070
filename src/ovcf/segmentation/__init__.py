"""Vertebral bodies from a label map, and landmarks from vertebral bodies or landmark files."""
