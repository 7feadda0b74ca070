// A report on the page: what came out first, then each analysis with its figure and its table.

import { useEffect, useState } from "preact/hooks";
import { t } from "../language/language";
import type { Item, Report, Table } from "./types";
import "./report.css";

export function ReportView({ report }: { report: Report }) {
  return (
    <article class="report">
      <h2 class="title">{report.title}</h2>
      <p class="design">{report.design}</p>
      {report.notices.length > 0 && (
        <ul class="said">
          {report.notices.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      )}
      {report.sections.map((section) => (
        <section key={section.title}>
          <h3>{section.title}</h3>
          {section.items.map((item) => (
            <ItemView key={item.id} item={item} />
          ))}
        </section>
      ))}
      {report.not_made.length > 0 && (
        <section>
          <h3>{t("Not made")}</h3>
          <ul class="not-made">
            {report.not_made.map((one) => (
              <li key={one.what}>
                <b>{one.what}</b>: {one.reason}. {one.remedy}
              </li>
            ))}
          </ul>
        </section>
      )}
      {report.mistakes.length > 0 && (
        <section>
          <h3>{t("Values taken as missing")}</h3>
          <ul class="not-made">
            {report.mistakes.map((one) => (
              <li key={one.row + one.column}>
                {t("Row {row}, {column}: {one}: {problem}", {
                  row: one.row,
                  column: one.column,
                  one: one.value,
                  problem: one.problem,
                })}
              </li>
            ))}
          </ul>
        </section>
      )}
      <section>
        <h3>{t("Methods")}</h3>
        <p class="methods">{report.methods}</p>
        <ol class="references">
          {report.methods_references.map((one) => (
            <li key={one}>{one.replace(/^\d+\.\s*/, "")}</li>
          ))}
        </ol>
      </section>
      <p class="dim small">{report.notice}</p>
    </article>
  );
}

function ItemView({ item }: { item: Item }) {
  return (
    <figure class="analysis" id={item.id} aria-labelledby={`${item.id}-title`}>
      <h4 id={`${item.id}-title`}>{item.title}</h4>
      <div class="beside">
        {item.svg && <Picture svg={item.svg} width={item.width_mm} title={item.title} />}
        <div class="tables">
          {item.tables.map((table) => (
            <TableView key={table.caption + table.rows.length} table={table} label={item.title} />
          ))}
        </div>
      </div>
      {item.remarks.length > 0 && (
        <details>
          <summary>{t("Method and notes")}</summary>
          {item.remarks.map((remark) => (
            <p key={remark.label}>
              <b>{remark.label}</b>: {remark.texts.join(" ")}
            </p>
          ))}
        </details>
      )}
    </figure>
  );
}

function TableView({ table, label }: { table: Table; label: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a table that may be wider than the page is scrolled by keys
    <section class="table" tabIndex={0} aria-label={[label, table.caption].filter(Boolean).join(": ")}>
      <table>
        {table.caption && <caption>{table.caption}</caption>}
        <thead>
          <tr>
            {table.columns.map((column) => (
              <th key={column.label} scope="col" class={column.number ? "number" : ""}>
                {column.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row) => (
            <tr key={row.join("|")}>
              {row.map((cell, i) =>
                i === 0 ? (
                  <th key={table.columns[i]?.label} scope="row">
                    {cell}
                  </th>
                ) : (
                  <td key={table.columns[i]?.label} class={table.columns[i]?.number ? "number" : ""}>
                    {cell}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** A figure as it will be printed: black on white in either theme. */
export function Picture({ svg, width, title }: { svg: string; width: number; title: string }) {
  const [address, setAddress] = useState("");
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [svg]);
  return address ? (
    <img
      class="plot"
      src={address}
      alt={t("Figure: {title}. Its numbers are in the table.", { title })}
      data-mm={width}
    />
  ) : null;
}
