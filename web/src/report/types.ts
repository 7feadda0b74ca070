// A report of analyses as the service tells it: tables, figures, remarks, what was not made and why.

export interface Report {
  title: string;
  notice: string;
  notices: string[];
  design: string;
  n: number;
  sections: { title: string; items: Item[] }[];
  not_made: { what: string; section: string; reason: string; remedy: string }[];
  methods: string;
  methods_references: string[];
  mistakes: { row: string; column: string; value: string; problem: string }[];
  software: string;
}

export interface Item {
  id: string;
  title: string;
  tables: Table[];
  remarks: { label: string; texts: string[] }[];
  svg: string;
  width_mm: number;
}

export interface Table {
  caption: string;
  columns: { label: string; number: boolean }[];
  rows: string[][];
}
