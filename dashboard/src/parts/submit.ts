/** The life of one form: busy while it is sent, and the error it came back with. */
import { useRef, useState } from "preact/hooks";

type Submit = { submit: () => void; busy: boolean; error: unknown };

export function useSubmit(action: () => Promise<void>): Submit {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const running = useRef(false);
  const submit = async (): Promise<void> => {
    if (running.current) return;
    running.current = true;
    setBusy(true);
    setError(undefined);
    try {
      await action();
    } catch (failure) {
      setError(failure);
    } finally {
      running.current = false;
      setBusy(false);
    }
  };
  return { submit: () => void submit(), busy, error };
}
