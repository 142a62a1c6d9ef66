// What a bundled picture is called on the page.
export function pictureTitle(name: string): string {
  return name.replace(/_/g, " ").replace("train ", "digit ");
}
