"""From the headings, codes and units of somebody's own table to the columns that a design knows."""
