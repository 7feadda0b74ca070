"""The pictures of a report: panels of the images, numbered bodies, landmarks without an image, and charts."""
