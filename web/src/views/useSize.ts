// How large an element is, told again when that changes.

import { useLayoutEffect, useState } from "preact/hooks";
import type { Size } from "../draw/geometry";

export function useSize(box: { current: HTMLDivElement | null }): Size | null {
  const [size, setSize] = useState<Size | null>(null);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const watch = new ResizeObserver(() =>
      setSize({ width: element.clientWidth, height: element.clientHeight }),
    );
    watch.observe(element);
    return () => watch.disconnect();
  }, [box]);
  return size;
}
