"use strict";
// The camera. Where the browser cannot read codes itself, the house reads them in a small grey picture, which it does not keep.

const LOOK_EVERY_MS = 150;
const PICTURE_MOST = 640; // points on the longer side
let stream = null;

if (navigator.mediaDevices?.getUserMedia) byId("camera").hidden = false;

byId("camera").addEventListener("click", async () => {
  try {
    const wanted = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    stream = wanted;
    const video = byId("video");
    video.srcObject = stream;
    video.hidden = false;
    await video.play();
    const look = "BarcodeDetector" in window ? ownEyes() : lookOfTheHouse;
    while (stream === wanted) {
      const code = await look(video);
      if (stream !== wanted) return;
      if (code) {
        byId("code").value = code;
        byId("code-form").requestSubmit();
        return;
      }
      await pause(LOOK_EVERY_MS);
    }
  } catch {
    put("scan-hint", words.camera_failed);
    stopCamera();
  }
});

function ownEyes() {
  const detector = new BarcodeDetector({ formats: ["qr_code", "code_128"] });
  return async (video) => (await detector.detect(video))[0]?.rawValue ?? "";
}

async function lookOfTheHouse(video) {
  const scale = Math.min(1, PICTURE_MOST / Math.max(video.videoWidth, video.videoHeight));
  const width = Math.round(video.videoWidth * scale);
  const height = Math.round(video.videoHeight * scale);
  if (!width || !height) return "";
  const canvas = new OffscreenCanvas(width, height);
  const brush = canvas.getContext("2d", { willReadFrequently: true });
  brush.drawImage(video, 0, 0, width, height);
  const colours = brush.getImageData(0, 0, width, height).data;
  const grey = new Uint8Array(width * height);
  for (let at = 0; at < grey.length; at++) grey[at] = (colours[4 * at] * 77 + colours[4 * at + 1] * 150 + colours[4 * at + 2] * 29) >> 8;
  const headers = { "Content-Type": "application/octet-stream", "X-CSRFToken": document.querySelector("#token input").value };
  const answer = await fetch(`${setup.camera}?w=${width}&h=${height}`, { method: "POST", headers, body: grey, cache: "no-store" });
  return answer.ok ? (await answer.json()).code : "";
}

function stopCamera() {
  if (stream) for (const track of stream.getTracks()) track.stop();
  stream = null;
  byId("video").hidden = true;
}
