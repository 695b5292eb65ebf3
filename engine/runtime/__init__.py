"""The A72 application: preprocessing, session, postprocessing."""
