// What colours and patterns mean, drawn by what draws the cells.
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { colour, useShownTheme } from "../../shell/theme";
import { MARKS, TONES, drawCell, toneColour, type Mark } from "./visual";

export function Legend() {
  const { t } = useTranslation();
  return (
    <div className="rotation-legend" role="group" aria-label={t("rotation.legend.title")}>
      <span>{t("rotation.legend.left")}</span>
      <span>{t("rotation.legend.ample")}</span>
      <span className="rotation-scale" aria-hidden>
        {Array.from({ length: TONES }, (_, at) => (
          <i key={at} style={{ background: toneColour(TONES - 1 - at) }} />
        ))}
      </span>
      <span>{t("rotation.legend.none")}</span>
      {MARKS.filter((mark) => mark !== "plain").map((mark) => (
        <span key={mark} className="rotation-key">
          <Sample mark={mark} /> {t(`rotation.legend.${mark}`)}
        </span>
      ))}
    </div>
  );
}

const SIZE = 16;

function Sample({ mark }: { mark: Mark }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useShownTheme();
  useEffect(() => {
    const to = canvas.current?.getContext("2d");
    if (!to) return;
    to.setTransform(2, 0, 0, 2, 0, 0);
    to.clearRect(0, 0, SIZE, SIZE);
    drawCell(to, 0, 0, SIZE, MARKS.indexOf(mark) * TONES + TONES - 1, { ground: colour("raised"), text: colour("text"), line: colour("line"), muted: colour("muted") });
  }, [mark, theme]);
  return <canvas ref={canvas} width={SIZE * 2} height={SIZE * 2} style={{ width: SIZE, height: SIZE }} aria-hidden />;
}
