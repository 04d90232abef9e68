/** Where images and installers put conda. */
export const CONDA_PLACES = ["/opt/conda", "/opt/miniforge3", "/opt/miniconda3", "/usr/local/miniconda3"];
