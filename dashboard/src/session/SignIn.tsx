import type { Copy } from "../copy/index.ts";

export type SignInState =
  | { kind: "ready"; signedOut: boolean }
  | { kind: "going" | "returning" }
  | { kind: "failed" | "bad-config"; message: string };

/** How dark each tile of the picture is. */
const ART = "020040005020001200400603020000410060200020500030";

/** The page before somebody is signed in, also while they go to the login and come back. */
export function SignIn({ t, state, onSignIn }: { t: Copy; state: SignInState; onSignIn(): void }) {
  const busy = state.kind === "going" || state.kind === "returning";
  return (
    <main class="sign-in">
      <div class="sign-in-art" aria-hidden="true">
        {[...ART].map((heat, i) => <i key={i} class={`heat-${heat}`} />)}
      </div>
      <section class="sign-in-card">
        <Logo size={40} />
        <h1>{t.title}</h1>
        <p class="lead">{t.tagline}</p>
        <div class="sign-in-state" role={state.kind === "failed" || state.kind === "bad-config" ? "alert" : "status"}>
          {state.kind === "ready" && state.signedOut && <p>{t.signIn.signedOut}</p>}
          {state.kind === "going" && <p>{t.signIn.going}</p>}
          {state.kind === "returning" && <p>{t.signIn.returning}</p>}
          {state.kind === "failed" && <p><strong>{t.signIn.failed}</strong> {state.message}</p>}
          {state.kind === "bad-config" && <p><strong>{t.signIn.badConfig}</strong> {state.message}. {t.signIn.badConfigHint}</p>}
        </div>
        {state.kind !== "bad-config" && (
          <button class="button primary large" disabled={busy} onClick={onSignIn}>
            {state.kind === "failed" ? t.signIn.again : t.signIn.button}
          </button>
        )}
        {state.kind !== "bad-config" && <p class="small">{t.signIn.hint}</p>}
      </section>
    </main>
  );
}

/** The same as the icon in index.html. */
export function Logo({ size }: { size: number }) {
  return (
    <svg class="logo" viewBox="0 0 32 32" width={size} height={size} aria-hidden="true">
      <rect width="32" height="32" rx="8" />
      <path d="M8 21.5h4V14H8zm6 0h4v-11h-4zm6 0h4V17h-4z" />
    </svg>
  );
}
