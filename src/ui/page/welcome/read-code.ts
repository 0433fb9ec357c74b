// The ticket in a picture of its QR code, read in this browser: the picture goes nowhere.

const SIDE_MAX = 1_600;

/** Undefined where there is no code to be seen. */
export async function readCode(picture: Blob): Promise<string | undefined> {
  const { default: decodeQR } = await import('qr/decode.js');
  try {
    const bitmap = await createImageBitmap(picture);
    const zoom = Math.min(1, SIDE_MAX / Math.max(bitmap.width, bitmap.height));
    const [width, height] = [Math.round(bitmap.width * zoom), Math.round(bitmap.height * zoom)];
    const context = Object.assign(document.createElement('canvas'), { width, height }).getContext('2d');
    if (context === null) return undefined;
    context.drawImage(bitmap, 0, 0, width, height);
    return decodeQR(context.getImageData(0, 0, width, height));
  } catch {
    return undefined;
  }
}
