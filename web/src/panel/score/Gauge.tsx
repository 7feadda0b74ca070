// A value with its 95 % interval against the thresholds of its item.

import type { Item } from "../../model/types";

const WIDTH = 86;

export function Gauge({ item }: { item: Item }) {
  if (!item.span || item.value === null) return <span />;
  const [low, high] = item.span;
  const x = (value: number) => 2 + (WIDTH - 4) * Math.min(1, Math.max(0, (value - low) / (high - low)));
  const [from, to] = item.interval ?? [item.value, item.value];
  return (
    <svg class="gauge" width={WIDTH} height={20} aria-hidden="true">
      <rect class="track" x={0} y={9} width={WIDTH} height={2} />
      <rect class="spread" x={x(from)} y={6} width={Math.max(0, x(to) - x(from))} height={8} rx={2} />
      {item.limits.map((limit) => (
        <rect key={limit} class="limit" x={x(limit) - 0.75} y={2} width={1.5} height={16} />
      ))}
      <circle class="dot" cx={x(item.value)} cy={10} r={3.5} />
    </svg>
  );
}
