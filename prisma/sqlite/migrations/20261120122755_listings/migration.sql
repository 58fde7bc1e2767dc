-- DropIndex
DROP INDEX "consent_client_id_idx";

-- DropIndex
DROP INDEX "consent_resource_id_idx";

-- DropIndex
DROP INDEX "consent_granted_at_idx";

-- CreateIndex
CREATE INDEX "consent_client_id_granted_at_id_idx" ON "consent"("client_id", "granted_at", "id");

-- CreateIndex
CREATE INDEX "consent_resource_id_granted_at_id_idx" ON "consent"("resource_id", "granted_at", "id");

-- CreateIndex
CREATE INDEX "consent_granted_at_id_idx" ON "consent"("granted_at", "id");

-- CreateIndex
CREATE INDEX "audit_event_type_id_idx" ON "audit_event"("type", "id");

-- CreateIndex
CREATE INDEX "audit_event_resource_id_idx" ON "audit_event"("resource", "id");
