"""Graph-to-graph rewrites, one file each; pipeline.py reads as a table of contents."""
