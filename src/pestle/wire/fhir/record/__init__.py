"""How is a patient's record said in FHIR R4, to read it from others and to hand it on?"""
