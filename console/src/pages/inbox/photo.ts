// A photo as the camera gives it, made small enough for a slow network before it is kept or sent.

const SIDE = 1600;
const QUALITY = 0.85;

/** A JPEG of at most 1600 px a side, upright. Drawn anew: where and when it was taken does not leave the telephone.
 *
 * Throws where the file is no picture that this browser can open. */
export async function small(file: Blob): Promise<Blob> {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const share = Math.min(1, SIDE / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * share));
  canvas.height = Math.max(1, Math.round(picture.height * share));
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("no canvas");
  // What is transparent would become black in a JPEG.
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return new Promise((done, fail) => canvas.toBlob((made) => (made ? done(made) : fail(new Error("no JPEG"))), "image/jpeg", QUALITY));
}
