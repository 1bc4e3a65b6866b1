"""What the large GP record systems export: CSV files of patients, medicines, issues, problems and results."""
