/** The edits of one instance while its dialog is open. They begin with those that the table has of it. */
import { useState } from "preact/hooks";
import type { Instance } from "@roundhouse/protocol/api/instance";
import { editedFields, type Field, type RowEdits, shownValue, type Values, withChange, withRow } from "./edits.ts";
import { readField, writeField } from "./field-text.ts";
import { sendRow } from "./saving.ts";
import { edits } from "./unsaved.ts";

type Texts = Readonly<Partial<Record<Field, string>>>;

export type InstanceEdit = ReturnType<typeof useEdit>;

export function useEdit(instance: Instance) {
  const [row, setRow] = useState<RowEdits>(edits.value.get(instance.id) ?? {});
  // As typed: a space at the end is on its way to another word.
  const [texts, setTexts] = useState<Texts>({});
  const set = <F extends Field>(field: F, value: Values[F]): void => {
    setRow((now) => withChange(now, instance, field, value));
  };
  return {
    row,
    set,
    value: <F extends Field>(field: F): Values[F] => shownValue(instance, row, field),
    text: (field: Field): string => texts[field] ?? writeField(field, shownValue(instance, row, field)),
    type: (field: Field, text: string): void => {
      setTexts((now) => ({ ...now, [field]: text }));
      set(field, readField(field, text));
    },
    /** True when all of it was taken; what was not stays here, with its reason. @throws {ApiError} */
    save: async (restart: boolean): Promise<boolean> => {
      const left = await sendRow(instance.id, row, restart);
      edits.value = withRow(edits.value, instance.id, {});
      setRow(left);
      return editedFields(left).length === 0;
    },
  };
}
