import { useHere } from "../app/context.ts";
import { OutcomeMark } from "../app/ui.tsx";
import { COUNTS, fileName, OUTCOMES, type Reject, type Upload } from "../data/uploads.ts";

/** The receipts of a store, each to be opened. */
export function UploadList({ uploads }: { uploads: readonly Upload[] }) {
  const { t, format } = useHere();
  return (
    <ul class="upload-list">
      {uploads.map((upload) => (
        <li key={upload.version} class="card">
          <details>
            <summary>
              <OutcomeMark outcome={upload.outcome} />
              <span class="grow name" dir="auto">{fileName(upload)}</span>
              {(upload.receipt?.rejected ?? 0) > 0 && (
                <span class="tag warn">{format.number(upload.receipt?.rejected ?? 0)} {t.receipt.rejected}</span>
              )}
              {upload.uploaded !== undefined && <span class="sub age" title={format.when(upload.uploaded)}>{format.ago(upload.uploaded)}</span>}
            </summary>
            <Receipt upload={upload} />
          </details>
        </li>
      ))}
    </ul>
  );
}

/** What became of one file: in a sentence, in numbers that add up, and the rows that were bad. */
export function Receipt({ upload }: { upload: Upload }) {
  const { t, format } = useHere();
  const known = OUTCOMES.find((outcome) => outcome === upload.outcome);
  const { receipt } = upload;
  const facts: [string, string | undefined][] = [
    [t.receipt.file, upload.key || undefined],
    [t.receipt.arrived, upload.uploaded === undefined ? undefined : format.when(upload.uploaded)],
    [t.receipt.counted, upload.counted === undefined ? undefined : format.when(upload.counted)],
    [t.receipt.newer, upload.supersededBy === undefined ? undefined : format.when(upload.supersededBy)],
  ];
  return (
    <div class="receipt">
      {known && <p>{t.outcomeHint[known]}</p>}
      {upload.reason && <p class="reason">{upload.reason}</p>}
      {receipt && (
        <dl class="counts">
          {COUNTS.filter((name) => receipt[name] !== undefined).map((name) => (
            <div key={name} class={name}><dt>{t.receipt[name]}</dt><dd>{format.number(receipt[name] ?? 0)}</dd></div>
          ))}
        </dl>
      )}
      {upload.rejects.length > 0 && <Rejects rejects={upload.rejects} all={receipt?.rejected ?? upload.rejects.length} />}
      <dl class="facts">
        {facts.map(([word, fact]) => fact && <div key={word}><dt>{word}</dt><dd>{fact}</dd></div>)}
      </dl>
    </div>
  );
}

function Rejects({ rejects, all }: { rejects: readonly Reject[]; all: number }) {
  const { t, format } = useHere();
  const left = all - rejects.length;
  return (
    <div class="rejects" tabIndex={0} role="region" aria-label={t.receipt.rejects}>
      <table>
        <caption>{t.receipt.rejects}</caption>
        <thead>
          <tr>{[t.receipt.line, t.receipt.column, t.receipt.value, t.receipt.reason].map((word) => <th key={word} scope="col">{word}</th>)}</tr>
        </thead>
        <tbody>
          {rejects.map((reject, i) => (
            <tr key={i}>
              <td class="numeric">{reject.line === undefined ? "–" : format.number(reject.line)}</td>
              <td class="numeric">{reject.column === undefined ? "–" : format.number(reject.column)}</td>
              <td class="mono">{reject.value}</td>
              <td>{reject.reason}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {left > 0 && <p class="sub">{t.receipt.more(format.number(left))}</p>}
    </div>
  );
}
