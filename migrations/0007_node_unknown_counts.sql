-- What a node's agent said that this control plane does not know: a newer agent, by the numbers.
ALTER TABLE nodes ADD COLUMN unknown_counts TEXT;
