// The file of a picture of the page, for the lines that make the same elsewhere. `files`: names of those that were sent.
export function pictureFile(picture: string, files: Map<string, string>): string {
  if (picture.startsWith("drawing:")) return "drawing.png";
  if (picture.startsWith("sent-")) return files.get(picture) ?? "picture.png";
  return picture.startsWith("train_") ? `data/mnist/${picture}.png` : `data/pictures/${picture}.png`;
}
