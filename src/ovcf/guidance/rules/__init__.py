"""One file per theme. Each gives ``statements(findings)``: nothing, or what the sources say."""
