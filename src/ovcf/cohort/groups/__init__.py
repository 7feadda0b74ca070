"""Groups side by side: the first table, tests of counts and numbers, surveys with weights."""
