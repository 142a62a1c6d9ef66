// Pictures of the user's: opened files and drawings, by the engine's names; kept, to be sent again where the engine had
// to make room for others.
import { drawingPng, parseDrawing } from "./drawing";
import { EngineError } from "./engine";

interface Adds {
  addPicture(bytes: Uint8Array<ArrayBuffer>): Promise<string>;
}

export class SentPictures {
  readonly files = new Map<string, string>(); // names of opened files, by the engine's name
  private readonly sent = new Map<string, Uint8Array<ArrayBuffer>>();
  private drawn: { text: string; name: string } | undefined; // each stroke is another drawing

  constructor(private readonly engine: Adds) {}

  async open(bytes: Uint8Array<ArrayBuffer>, file: string): Promise<string> {
    const picture = await this.engine.addPicture(bytes);
    this.sent.set(picture, bytes);
    this.files.set(picture, file);
    return picture;
  }

  // The engine's name of a picture of the state, which may be a drawing.
  async nameOf(picture: string): Promise<string> {
    const drawing = parseDrawing(picture);
    if (!drawing) return picture;
    if (this.drawn?.text !== picture) {
      if (this.drawn) this.sent.delete(this.drawn.name);
      const bytes = drawingPng(drawing);
      const name = await this.engine.addPicture(bytes);
      this.sent.set(name, bytes);
      this.drawn = { text: picture, name };
    }
    return this.drawn!.name;
  }

  // What `ask` answers of the picture, which is sent again where it is not there any more.
  async asking<Answer>(picture: string, ask: () => Promise<Answer>): Promise<Answer> {
    try {
      return await ask();
    } catch (error) {
      const bytes = this.sent.get(picture);
      if (!(error instanceof EngineError && error.status === 404 && bytes)) throw error;
      await this.engine.addPicture(bytes);
      return ask();
    }
  }
}
