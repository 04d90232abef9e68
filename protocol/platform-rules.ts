/** What platforms say about app URLs: read before a machine joins, and again before an admin confirms (SPEC AC8). */

export const COLAB_RULE =
  "Colab's free plan is for work inside the notebook: it rules out working mainly through a web UI beside it, remote " +
  "control of the machine, and taking part in distributed computing. A paid plan with compute units left lifts this. " +
  "See https://research.google.com/colaboratory/faq.html.";
export const KAGGLE_RULE =
  "Kaggle looks for tunnels and web UIs in its notebooks, ends the session and has locked accounts for them. No plan is " +
  "known to allow app URLs. See https://www.kaggle.com/terms.";
