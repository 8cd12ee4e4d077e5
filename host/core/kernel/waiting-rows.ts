// Results on their way to the pipelines that read them, as rows of bytes: a flush may have more of them than memory
// holds as objects. Imports nothing.

const PAGE_BYTES = 65_536;
/** Of each row: its reader u32, its length u32. */
const HEAD_BYTES = 8;

interface Page {
  view: DataView;
  bytes: Uint8Array;
  used: number;
}

/** Rows with their readers, oldest first. */
export class WaitingRows {
  private pages: Page[] = [];
  private takenOfFirst = 0;

  get isEmpty(): boolean {
    return this.pages.length === 0;
  }

  /** Keeps a copy of a row. */
  add(reader: number, row: Uint8Array): void {
    const needed = HEAD_BYTES + row.length;
    let page = this.pages.at(-1);
    if (page === undefined || page.used + needed > page.bytes.length) {
      const bytes = new Uint8Array(Math.max(PAGE_BYTES, needed));
      page = { bytes, view: new DataView(bytes.buffer), used: 0 };
      this.pages.push(page);
    }
    page.view.setUint32(page.used, reader);
    page.view.setUint32(page.used + 4, row.length);
    page.bytes.set(row, page.used + HEAD_BYTES);
    page.used += needed;
  }

  /** The oldest row, which does not wait any more, and its reader; there is one. */
  take(): { reader: number; row: Uint8Array } {
    const page = this.pages[0]!;
    const begin = this.takenOfFirst + HEAD_BYTES;
    const end = begin + page.view.getUint32(begin - 4);
    this.takenOfFirst = end;
    if (end === page.used) {
      this.pages.shift();
      this.takenOfFirst = 0;
    }
    return { reader: page.view.getUint32(begin - HEAD_BYTES), row: page.bytes.subarray(begin, end) };
  }

  clear(): void {
    this.pages = [];
    this.takenOfFirst = 0;
  }
}
