// Every measurement of the index vertebra, one column for each image.

import { t } from "../../language/language";
import { light, pin, unlight } from "../../model/light";
import { lit, shown } from "../../model/store";
import type { MeasurementRow } from "../../model/types";

const FIRST = 8;

export function Measurements() {
  const view = shown.value;
  const rows = Object.values(view?.measurements ?? {});
  if (!view || rows.length === 0) return null;
  const images = view.sets
    .map((s) => s.name)
    .filter((name) => rows.some((r) => r.on.some((o) => o.image === name)));
  const onSets = rows.filter((r) => r.on.some((o) => images.includes(o.image)));
  const others = rows.filter((r) => !onSets.includes(r));
  const head = images.map((image) => {
    const set = view.sets.find((s) => s.name === image);
    return set?.modality === "radiograph" ? t("Radiograph") : (set?.modality ?? image);
  });
  const more = Math.max(onSets.length - FIRST, 0) + others.length;
  return (
    <section class="part">
      <h2>{t("Measured on {index}", { index: view.index ?? t("the spine") })}</h2>
      <table class="rows">
        <thead>
          <tr>
            <th scope="col">{t("Measure")}</th>
            {head.map((h) => (
              <th scope="col" key={h}>
                {h}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {onSets.slice(0, FIRST).map((row) => (
            <Row key={row.id} row={row} images={images} />
          ))}
        </tbody>
      </table>
      <details hidden={more === 0}>
        <summary>{t("{more} more", { more })}</summary>
        <table class="rows">
          <tbody>
            {onSets.slice(FIRST).map((row) => (
              <Row key={row.id} row={row} images={images} />
            ))}
            {others.map((row) => (
              <tr key={row.id} title={row.definition}>
                <th scope="row">{row.name}</th>
                <td colSpan={images.length || 1}>{row.on.map((o) => o.text).join(" · ")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </section>
  );
}

function Row({ row, images }: { row: MeasurementRow; images: string[] }) {
  const warnings = row.on.flatMap((o) => o.warnings);
  return (
    <tr
      class={lit.value === row.id ? "on" : ""}
      data-measurement={row.id}
      onPointerEnter={() => light(row.id)}
      onPointerLeave={unlight}
      onClick={() => pin(row.id)}
    >
      <th scope="row" title={row.definition}>
        {row.name}
        {warnings[0] && <small>{warnings[0]}</small>}
      </th>
      {images.map((image) => {
        const cell = row.on.find((o) => o.image === image);
        return (
          <td key={image} title={cell ? t("95% interval {interval}", { interval: cell.interval }) : ""}>
            {cell?.text ?? "–"}
          </td>
        );
      })}
    </tr>
  );
}
