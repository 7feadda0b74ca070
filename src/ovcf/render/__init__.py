"""Words, tables and charts for every typed result: what a surface shows, without HTML, PDF or page around it."""
