/** Bytes that come in pieces, in one place: a program that writes a byte at a time must not cost an object for each. */
export class Gathered {
  #room: Buffer = Buffer.alloc(0);
  #size = 0;

  /** The first piece is kept as it is, since most streams have no other; of later ones nothing but their bytes. */
  add(piece: Buffer): void {
    if (this.#size === 0) {
      this.#room = piece;
      this.#size = piece.length;
      return;
    }
    const size = this.#size + piece.length;
    // No piece may be written into: it shares its memory with what came after it.
    if (size > this.#room.length) {
      const wider = Buffer.allocUnsafeSlow(Math.max(2 * size, 4096));
      this.#room.copy(wider, 0, 0, this.#size);
      this.#room = wider;
    }
    piece.copy(this.#room, this.#size);
    this.#size = size;
  }

  /** All that came, until more comes. */
  get bytes(): Buffer {
    return this.#room.subarray(0, this.#size);
  }
}
